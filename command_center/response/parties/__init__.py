"""当事人: the people of a case, kept under lock, shown masked, opened one field at a time with a purpose."""
