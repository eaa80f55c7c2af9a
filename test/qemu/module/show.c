// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A page of the firmware's, mapped by the firmware, in its own entries, for the GPU to read. */
#include "test.h"

#define MAP_BEATS	5000

static int show(struct test *test)
{
	const struct gpuas_region *data;
	struct fw_message message = { .op = FW_MAP };

	data = gpuas_manifest_region(&test->as->manifest, "fw-data");
	message.arg[0] = FW_MAP_VA;
	message.arg[1] = gpuas_pa_u64(data->pa);
	message.arg[2] = GRANULE;
	return gpuas_qv_fw_send(&test->gpu->fw, &message, MAP_BEATS);
}

static int hide(struct test *test)
{
	struct fw_message message = {
		.op = FW_UNMAP,
		.arg = { FW_MAP_VA, GRANULE },
	};

	return gpuas_qv_fw_send(&test->gpu->fw, &message, MAP_BEATS);
}

int gpuas_test_show(struct test *test, bool shown)
{
	int err = 0;

	mutex_lock(&test->lock);
	if (shown != test->shown)
		err = shown ? show(test) : hide(test);
	if (!err)
		test->shown = shown;
	mutex_unlock(&test->lock);
	return err;
}
