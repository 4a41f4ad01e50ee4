#pragma once
#include "internal.h"

/* Takes MSG_START's strings apart; `storage` becomes the configuration's. Returns -1 with `why` where a key lacks or makes no sense. */
int config_parse(struct config *config, char *storage, size_t length, struct failure *why);

/* The value of `key` among MSG_GO's strings, or NULL. */
const char *config_find(const char *strings, size_t length, const char *key);
