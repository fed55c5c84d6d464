from tests.response.conftest import hall

__all__ = ["hall"]
