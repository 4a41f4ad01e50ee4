/*
 * Prints how many thousands of cycles the processor's counter counts in a second. An emulated machine has the same counter, and measures it
 * wrong where the emulator waits for a processor meanwhile; here a look at the clock that took long is not taken.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct look {
	uint64_t cycles;
	double seconds;
};

static struct look look(void)
{
	struct look best = { 0 };
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 1000; i++) {
		struct timespec time;
		uint64_t before = __rdtsc(), after;

		clock_gettime(CLOCK_MONOTONIC_RAW, &time);
		after = __rdtsc();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best.cycles = before + shortest / 2;
		best.seconds = (double)time.tv_sec + (double)time.tv_nsec / 1e9;
	}
	return best;
}

int main(void)
{
	struct look first = look(), last;

	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	last = look();
	printf("%.0f\n", (double)(last.cycles - first.cycles) / (last.seconds - first.seconds) / 1000);
	return 0;
}
