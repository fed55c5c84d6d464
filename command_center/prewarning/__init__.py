"""预警: signals and missed duties become alerts that an officer takes, confirms (属实) or dismisses (误报)."""
