"""Sign a slug with the serializer that the new library kept."""

from importlib.metadata import version

import itsdangerous

token = itsdangerous.URLSafeSerializer("not a secret").dumps({"slug": "abc"})
gone = not hasattr(itsdangerous, "JSONWebSignatureSerializer")
print(version("itsdangerous"), token.count("."), "dot" if gone else "both serializers")
