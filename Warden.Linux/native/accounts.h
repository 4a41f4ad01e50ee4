#pragma once
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#define ACCOUNT_GROUPS_MAX 64

/* What a login program would find out about a user. */
struct account {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t groups[ACCOUNT_GROUPS_MAX]; /* supplementary ones, without gid */
	int group_count;
	char home[PATH_MAX];
};

/* Looks `name` up in the container's /etc/passwd and /etc/group; what is not there keeps its default: no groups, and home as it is. */
void account_look_up(struct account *account);
