"""封路: roads that are closed for the moment, drawn on the map by an officer, in force at once for everybody's ways."""
