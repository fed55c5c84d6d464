"""Plans of who goes where and when: numbers in, numbers out."""
