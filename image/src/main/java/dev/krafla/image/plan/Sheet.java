package dev.krafla.image.plan;

/** What an archetype works with. */
record Sheet(Brief brief, Draft draft, Palette palette, long seed) {}
