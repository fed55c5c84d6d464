"""Planning of mandatory rounds: who goes where and when, so that every required visit is kept."""
