"""影像: clips, photos and the cameras linked to a case, with who looked at what and why.

Stands upstream of prewarning and response: it knows their ids, never their rows.
"""
