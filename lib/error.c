// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/types.h>

/* Text, and no pointer to it: where code is relocated, each of them has an entry of its own. */
struct message {
	short err;
	char text[30];
};

static const struct message messages[] = {
	{ 0, "success" },
	{ -GPUAS_EPERM, "not permitted" },
	{ -GPUAS_ENOENT, "not found" },
	{ -GPUAS_E2BIG, "more than the library allows" },
	{ -GPUAS_EAGAIN, "not finished yet" },
	{ -GPUAS_ENOMEM, "out of memory" },
	{ -GPUAS_EACCES, "no-map forbids access" },
	{ -GPUAS_EFAULT, "not in readable memory" },
	{ -GPUAS_EBUSY, "in use by somebody else" },
	{ -GPUAS_EEXIST, "something different exists" },
	{ -GPUAS_EINVAL, "invalid argument" },
	{ -GPUAS_ENOSPC, "no room in the device tree" },
	{ -GPUAS_ERANGE, "address out of range" },
	{ -GPUAS_EPROTO, "protocol violated" },
	{ -GPUAS_EBADMSG, "bad device tree" },
	{ -GPUAS_EOVERFLOW, "range wraps around" },
	{ -GPUAS_ENOTUNIQ, "overlap or duplicate" },
	{ -GPUAS_EMSGSIZE, "region too small" },
	{ -GPUAS_EOPNOTSUPP, "not supported by the format" },
	{ -GPUAS_ETIMEDOUT, "not done in time" },
	{ -GPUAS_ESTALE, "stale or foreign contents" },
};

const char *gpuas_strerror(int err)
{
	unsigned int i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].err == err)
			return messages[i].text;
	}
	return "unknown error";
}
