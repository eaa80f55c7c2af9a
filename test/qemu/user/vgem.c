// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>
#include <drm/drm_mode.h>

#include "vgem.h"
#include "../../../board/qemu-virt/linux/user/say.h"

int vgem_open(void)
{
	drmVersionPtr version;
	char path[32];
	bool same;
	int i, fd;

	for (i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		same = version && !strcmp(version->name, "vgem");
		drmFreeVersion(version);
		if (same)
			return fd;
		close(fd);
	}
	return -1;
}

int vgem_buffer(int vgem, size_t size, uint64_t *offset)
{
	struct drm_mode_create_dumb dumb = { .width = size / 4, .height = 1, .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	int fd;

	if (drmIoctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb) ||
	    drmPrimeHandleToFD(vgem, dumb.handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		fail("a buffer of vgem: %s", strerror(errno));
	map.handle = dumb.handle;
	if (drmIoctl(vgem, DRM_IOCTL_MODE_MAP_DUMB, &map))
		fail("vgem's offset: %s", strerror(errno));
	*offset = map.offset;
	return fd;
}
