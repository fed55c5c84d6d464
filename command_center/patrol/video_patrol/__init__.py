"""视频巡查 (探头站岗、鼠标巡逻): rounds through cameras, each picture marked by an eye, findings told at once."""
