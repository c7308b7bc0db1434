"""A trace in Mooncake's form of users who talk in turns: sessions_trace.py SESSIONS TURNS > FILE

Each prompt is the user's last one and some more: 10 blocks of 512 tokens at first, 3 more a turn; the
first two blocks (the system prompt) are the same for all. Sessions take turns.
"""

import json
import sys

sessions, turns = map(int, sys.argv[1:3])
for turn in range(turns):
    for session in range(sessions):
        own = range(1000 * (session + 1), 1000 * (session + 1) + 8 + 3 * turn)
        blocks = [0, 1, *own]
        print(json.dumps({"timestamp": 1000 * (turn * sessions + session), "hash_ids": blocks,
                          "input_length": 512 * len(blocks), "output_length": 256}))
