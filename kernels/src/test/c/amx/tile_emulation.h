/*
 * AMX on an x86-64 CPU without it: the tile instructions of the kernels as they were compiled raise
 * SIGILL, and are carried out by a handler. What is tested so is the machine code that runs where
 * there is AMX; its speed is not (some 3 µs an instruction).
 */
#ifndef KRAFLA_TILE_EMULATION_H
#define KRAFLA_TILE_EMULATION_H

/* Begins for the whole process; signals of other instructions go to whom they went before. */
__attribute__((visibility("default"))) void krafla_emulate_tiles(void);

#endif
