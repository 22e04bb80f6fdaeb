#include "MutantProbe.h"

#include <string.h>
#include <sys/time.h>

int32_t mutantChosen = -1;
uint8_t mutantReached[mutantSites];

void mutantLimit(double seconds) {
    struct itimerval limit;
    memset(&limit, 0, sizeof limit);
    limit.it_value.tv_sec = (time_t)seconds;
    limit.it_value.tv_usec = (suseconds_t)((seconds - (double)limit.it_value.tv_sec) * 1e6);
    setitimer(ITIMER_VIRTUAL, &limit, 0);
}

void mutantForget(void) { memset(mutantReached, 0, sizeof mutantReached); }

bool mutantWasReached(int32_t number) { return number >= 0 && number < mutantSites && mutantReached[number] != 0; }

void mutantChoose(int32_t number) { mutantChosen = number; }
