/* The words of MSG_START and MSG_GO: keys and values by turns. */
#include "config.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* The next string, or NULL when none is left or its NUL lacks. */
static const char *next_string(const char **at, const char *end)
{
	const char *string = *at;
	const char *nul = string < end ? memchr(string, 0, (size_t)(end - string)) : NULL;

	if (!nul)
		return NULL;
	*at = nul + 1;
	return string;
}

const char *config_find(const char *strings, size_t length, const char *key)
{
	const char *end = strings + length, *name, *value;

	while ((name = next_string(&strings, end)) && (value = next_string(&strings, end)))
		if (strcmp(name, key) == 0)
			return value;
	return NULL;
}

static int parse_number(const char *text, uint64_t most, uint64_t *number)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value > most)
		return -1;
	*number = value;
	return 0;
}

static int parse_numbers(struct config *config, const char *key, const char *value)
{
	static const struct { const char *key; uint64_t most; } ranges[] = {
		{ "version", UINT32_MAX }, { "lower_uid", UINT32_MAX - 1 }, { "uid", UINT32_MAX - 1 }, { "prefix", 32 },
		{ "mtu", 65535 }, { "console_max", INT64_MAX }, { "no_new_privs", 1 }, { "nested", 1 },
		{ "i386_sockets", 1 }, { "shm_size", INT64_MAX },
	};
	uint64_t number = 0;
	size_t i = 0;

	while (i < sizeof ranges / sizeof *ranges && strcmp(ranges[i].key, key) != 0)
		i++;
	if (i == sizeof ranges / sizeof *ranges)
		return 0;
	if (parse_number(value, ranges[i].most, &number) < 0)
		return -1;
	switch (i) {
	case 0: return number == WARDEN_PROTOCOL_VERSION ? 1 : -1;
	case 1: config->maps_lower_uid = true; config->lower_uid = (uid_t)number; return 1;
	case 2: config->uid = (uid_t)number; return 1;
	case 3: config->prefix = (unsigned)number; return 1;
	case 4: config->mtu = (unsigned)number; return 1;
	case 5: config->console_max = number; return 1;
	case 6: config->no_new_privs = number; return 1;
	case 7: config->nested = number; return 1;
	case 8: config->i386_sockets = number; return 1;
	default: config->shm_size = number; return 1;
	}
}

static int add_bind(struct config *config, struct bind_mount *pending, const char *mode)
{
	struct bind_mount *binds;

	pending->writable = strcmp(mode, "rw") == 0;
	if ((!pending->writable && strcmp(mode, "ro") != 0) || !pending->source || !pending->target)
		return -1;
	binds = realloc(config->binds, (config->bind_count + 1) * sizeof *binds);
	if (!binds)
		return -1;
	config->binds = binds;
	binds[config->bind_count++] = *pending;
	*pending = (struct bind_mount) { 0 };
	return 1;
}

static int add_cgroup(struct config *config, const char *tasks)
{
	const char **cgroups = realloc(config->cgroup_tasks, (config->cgroup_count + 1) * sizeof *cgroups);

	if (!cgroups || *tasks != '/')
		return -1;
	config->cgroup_tasks = cgroups;
	cgroups[config->cgroup_count++] = tasks;
	return 1;
}

/* 1 when the key is known, 0 when not (a newer server's: ignored), -1 when the value makes no sense. */
static int apply(struct config *config, struct bind_mount *pending, const char *key, const char *value)
{
	struct { const char *key; const char **target; } strings[] = {
		{ "id", &config->id }, { "path", &config->path }, { "run_dir", &config->run_dir }, { "lower", &config->lower },
		{ "upper", &config->upper }, { "work", &config->work }, { "interface", &config->interface },
		{ "console_log", &config->console_log }, { "hooks", &config->hooks },
		{ "cgroup_unified", &config->cgroup_unified },
		{ "bind_source", &pending->source }, { "bind_target", &pending->target },
	};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		if (strcmp(strings[i].key, key) == 0) {
			*strings[i].target = value;
			return *value ? 1 : -1;
		}
	if (strcmp(key, "address") == 0)
		return inet_pton(AF_INET, value, &config->address) == 1 ? 1 : -1;
	if (strcmp(key, "gateway") == 0)
		return inet_pton(AF_INET, value, &config->gateway) == 1 ? 1 : -1;
	if (strcmp(key, "cgroup_tasks") == 0)
		return add_cgroup(config, value);
	if (strcmp(key, "bind_mode") == 0)
		return add_bind(config, pending, value);
	return parse_numbers(config, key, value);
}

static const char *missing_key(const struct config *config)
{
	const struct { const char *key; bool there; } needed[] = {
		{ "id", config->id }, { "path", config->path }, { "run_dir", config->run_dir }, { "lower", config->lower },
		{ "upper", config->upper }, { "work", config->work }, { "interface", config->interface },
		{ "address", config->address.s_addr }, { "gateway", config->gateway.s_addr }, { "prefix", config->prefix },
		{ "mtu", config->mtu }, { "console_log", config->console_log }, { "uid", config->uid },
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!needed[i].there)
			return needed[i].key;
	return NULL;
}

int config_parse(struct config *config, char *storage, size_t length, struct failure *why)
{
	const char *at = storage, *end = storage + length, *key, *value;
	struct bind_mount pending = { 0 };

	*config = (struct config) { .storage = storage };
	if (!config_find(storage, length, "version"))
		return fail(why, EPROTO, "version", "read the start message, which has nothing");
	while ((key = next_string(&at, end))) {
		value = next_string(&at, end);
		if (!value || apply(config, &pending, key, value) < 0)
			return fail(why, EPROTO, key, "read what the start message says");
	}
	if (at != end || pending.source || pending.target)
		return fail(why, EPROTO, NULL, "read the start message to its end");
	key = missing_key(config);
	if (key)
		return fail(why, EPROTO, key, "read the start message, which has nothing");
	if (strlen(config->interface) >= IFNAMSIZ)
		return fail(why, ENAMETOOLONG, config->interface, "set up an interface with so long a name");
	return 0;
}
