"""The case engine: one machine for every center's way of working. Pure: values in, values and effects out.

`machine.json` says which states, steps, clocks and rungs there are; each file in `profiles/` says how one center goes
through them, in whose words and with whose clocks. `step` is the only way from one value of a case to the next.
"""
