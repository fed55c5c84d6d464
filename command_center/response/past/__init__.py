"""往年件: requests that another system has closed, or still has open, brought in from the tables it gives away."""
