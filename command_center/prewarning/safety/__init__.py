"""单人值守: who stays without movement alone on duty is asked whether he is safe; no answer is a red alert."""
