#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* A terminal that is lent to a shell. */
struct attachment {
	int socket;                 /* to the monitor */
	int master;                 /* of the shell's terminal */
	int signals;
	bool raw, input_over, hung_up;
	struct termios saved;
	char input[4096];
	size_t input_start, input_end;
};

/* Connects to the monitor and has it start the shell; false after a message on standard error. */
bool attachment_open(struct attachment *attachment, const char *path, bool root);

/* Every key goes to the shell. Nothing is changed where standard input is no terminal. */
void terminal_make_raw(struct attachment *attachment);
void terminal_restore(struct attachment *attachment);
