"""编排: teams, what each point asks of them, and the plan of a day from draft to published."""
