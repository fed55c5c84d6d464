"""受理: matters that people bring, by whatever door, become cases under the way of working that fits."""
