"""一屏 Yiping: patrol, warning and handling of a town on one live map wall."""

__version__ = "0.1.0"
