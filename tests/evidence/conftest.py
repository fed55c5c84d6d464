from tests.response.conftest import hall, postgres_server, postgres_url

__all__ = ["hall", "postgres_server", "postgres_url"]
