// The child in an executable of its own. Without the child's name it is a driver for many requests: they come on stdin,
// each after its length, and each gets a process; on stdout is a line with how that ended.
#include "../child.c"

#include <sys/wait.h>

// What is left of the request when the child has ended is dropped.
static int talk(const char *request, uint32_t length) {
	int ends[2], status;
	char reply[4096];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		if (dup2(ends[1], WIRE_FD) < 0)
			_exit(99);
		closefrom(WIRE_FD + 1);
		run();
	}
	close(ends[1]);
	send(ends[0], request, length, MSG_NOSIGNAL);
	shutdown(ends[0], SHUT_WR);
	while (read(ends[0], reply, sizeof reply) > 0)
		;
	close(ends[0]);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(void) {
	static char request[1 << 16];
	uint32_t length;
	// So that no end of a socket is the child's number, or the other end.
	while (dup(2) <= WIRE_FD)
		;
	while (fread(&length, sizeof length, 1, stdin) == 1 && length <= sizeof request && fread(request, 1, length, stdin) == length) {
		printf("%d\n", talk(request, length));
		fflush(stdout); // or the next child prints it, too
	}
	return 0;
}
