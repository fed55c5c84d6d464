"""处置: a confirmed alert becomes a case; somebody is sent, arrives, reports; the case is resolved, rated, archived."""
