// Which mutant is chosen, and which sites have been reached. One thread at a time asks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { mutantSites = 32768 };

extern int32_t mutantChosen;
extern uint8_t mutantReached[mutantSites];

static inline bool mutant(int32_t number) {
    mutantReached[number] = 1;
    return number == mutantChosen;
}

static inline bool mutantNegates(int32_t number, bool value) { return mutant(number) ? !value : value; }
static inline bool mutantPasses(int32_t number, bool value) { return mutant(number) ? true : value; }
static inline bool mutantBlocks(int32_t number, bool value) { return mutant(number) ? false : value; }

// Ends the process by SIGVTALRM once it has computed for this long; 0 for no limit.
void mutantLimit(double seconds);

void mutantForget(void);
bool mutantWasReached(int32_t number);
void mutantChoose(int32_t number);
