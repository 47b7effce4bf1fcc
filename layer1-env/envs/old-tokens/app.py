"""Sign a slug with the serializer that only the old library has."""

import warnings
from importlib.metadata import version

warnings.simplefilter("ignore", DeprecationWarning)

from itsdangerous import JSONWebSignatureSerializer  # noqa: E402 - after the filter

token = JSONWebSignatureSerializer("not a secret").dumps({"slug": "abc"})
print(version("itsdangerous"), token.count(b"."), "dots")
