"""Eyes of the town: cameras are held open, looked at and turned into signals, live pictures and clips.

Pure: nothing here knows the command center, HTTP or a database.
"""
