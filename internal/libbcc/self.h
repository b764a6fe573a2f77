#ifndef GOBCC_SELF_H
#define GOBCC_SELF_H

// Whether this code is part of the process's main executable, and so /proc/self/exe can be the compile child.
int gobcc_is_main_executable(void);

#endif
