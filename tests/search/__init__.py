import pytest

# A failure in the contract shows its values, as one in a test module does.
pytest.register_assert_rewrite("tests.search.engine_contract")
