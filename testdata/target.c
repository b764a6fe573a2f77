// A program to be traced. It waits for a line on its standard input, then calls strlen 1000 times, through a pointer so that
// the compiler leaves the calls alone, and its own function 100 times; prints done, and waits for the end of its input.
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) int traced_function(int n) {
	__asm__ volatile("");
	return n + 42;
}

int main(void) {
	size_t (*volatile length)(const char *) = strlen;
	size_t sum = 0;
	char line[8];

	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof line, stdin))
		return 1;
	for (int i = 0; i < 1000; i++)
		sum += length("four");
	for (int i = 0; i < 100; i++)
		sum += traced_function(i);
	printf("done %zu\n", sum);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin))
		;
	return 0;
}
