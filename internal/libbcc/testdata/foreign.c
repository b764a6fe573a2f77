// A program that is not Go and loads a library that is.
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
	void *lib = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;
	void (*compile)(char *) = lib ? (void (*)(char *))dlsym(lib, "compileText") : NULL;
	if (!compile) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	compile(argv[2]);
	return 0;
}
