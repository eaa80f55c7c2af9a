// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware keeps the handoff lock for long, but not for ever: nobody else has to wait, and who
 * waits can be killed. What is judged is the order of events, not the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "group.h"
#include "tests.h"

#define CRASH_SLOW	5
#define LOOKS		100000
#define FROM		0x40000000ULL
#define TO		0x50000000ULL

static void pause_ms(unsigned int ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000L };

	nanosleep(&pause, NULL);
}

static bool let_go(void)
{
	return gpu_firmware_said("has let go of the lock");
}

static long long locks(void)
{
	return number_in("/sys/kernel/debug/gpuas/firmware", "locks ");
}

static void slow_down(void)
{
	const long long before = locks();
	int left = LOOKS;

	gpu_debugfs("crash", CRASH_SLOW);
	while (locks() == before && left--)
		;
	say("slow: the firmware %s the lock",
	    locks() != before && !let_go() ? "keeps" : "does not keep");
}

/*
 * Its flush needs the lock, as the firmware knows the VM. Told by @go, when the lock is
 * kept: what comes before needs it too.
 */
static void use(int tell, int go)
{
	struct buffer buffer;
	struct gpu gpu;
	char c = 0;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, GRANULE, &buffer);
	gpu_map(&gpu, &buffer, 0, GRANULE, FROM, READ_WRITE);
	gpu_copy(&gpu, FROM, FROM + 64, 64);
	if (write(tell, &c, 1) != 1 || read(go, &c, 1) != 1)
		_exit(1);
	gpu_unmap(&gpu, GRANULE, FROM);
	_exit(0);
}

/* Looks for the state "D" of who waits for something that signals do not end, but for one. */
static int waits(pid_t pid)
{
	char path[64], state = 0;
	int left = LOOKS;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	while (state != 'D' && left--) {
		file = fopen(path, "r");
		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			fail("slow: no state of process %d", (int)pid);
		fclose(file);
	}
	return state == 'D';
}

/* A process that is ready; *@go is where it is told to go on */
static pid_t start(int *go)
{
	int line[2], back[2];
	pid_t pid;
	char c;

	if (pipe(line) || pipe(back))
		fail("slow: no pipe");
	pid = fork();
	if (!pid)
		use(line[1], back[0]);
	if (pid < 0 || read(line[0], &c, 1) != 1)
		fail("slow: no process");
	*go = back[1];
	return pid;
}

static int works(void)
{
	struct pair pair;
	uint64_t random = SEED;
	struct done done;
	struct gpu gpu;

	gpu_open(&gpu);
	gpu_pair(&gpu, GRANULE, FROM, TO, &random, &pair);
	done = gpu_copy(&gpu, FROM, TO, 64);
	gpu_close(&gpu);
	return !done.error && !differ(pair.from.map, pair.to.map, 64);
}

/* A file, and what it is told, need neither firmware nor lock. */
static int opens(void)
{
	struct drm_gpuas_params params;
	uint32_t vm;
	int fd = gpu_file(), err;

	gpu_params(fd, &params);
	err = gpu_vm(fd, &vm);
	drmClose(fd);
	return !err;
}

int test_slow(void)
{
	int other, others, own, killed, left = LOOKS, right, go;
	pid_t pid = start(&go);

	slow_down();
	if (write(go, "", 1) != 1)
		fail("slow: the process is gone");
	say("slow: a user %s", waits(pid) ? "waits" : "does not wait");
	other = open("/dev/cpu_dma_latency", O_RDWR);
	others = other >= 0 && !let_go();
	say("slow: another device is opened %s", others ? "meanwhile" : "only then, or not at all");
	own = opens() && !let_go();
	say("slow: the render node is opened %s", own ? "meanwhile" : "only then, or not at all");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	killed = !let_go();
	say("slow: who waits is killed %s", killed ? "meanwhile" : "only then");
	while (!let_go() && left--)
		pause_ms(10);
	right = works();
	say("slow: afterwards the GPU %s", right ? "works" : "does not work");
	return !others || !own || !killed || !right;
}
