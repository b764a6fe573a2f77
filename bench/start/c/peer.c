// The peer of benchmark start that calls libbcc from C and links to it.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bcc/bcc_common.h>
#include <bcc/libbpf.h>

static char *text_of(const char *path)
{
	FILE *f = fopen(path, "r");
	long size;
	char *text;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
		return NULL;
	text = calloc(1, (size_t)size + 1);
	if (text && fread(text, 1, (size_t)size, f) != (size_t)size)
		return NULL;
	fclose(f);
	return text;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	char *text = argc > 1 ? text_of(argv[1]) : NULL;
	char rest[256];

	if (!text)
		return fail("reading the program");
	void *module = bpf_module_create_c_from_string(text, 0, NULL, 0, true, NULL);
	if (!module)
		return fail("compiling");
	int program = bcc_func_load(module, BPF_PROG_TYPE_TRACEPOINT, "on_exec", bpf_function_start(module, "on_exec"),
				    (int)bpf_function_size(module, "on_exec"), bpf_module_license(module),
				    bpf_module_kern_version(module), 0, NULL, 0, NULL, -1);
	if (program < 0)
		return fail("loading");
	if (bpf_attach_tracepoint(program, "sched", "sched_process_exec") < 0)
		return fail("attaching");
	puts("READY");
	fflush(stdout);
	while (read(STDIN_FILENO, rest, sizeof rest) > 0)
		;
	return 0; // the kernel takes everything back, as it does for the other peers
}
