import pytest

pytest.importorskip("torch", reason="torch comes with the extra `train`")
