import sys
from pathlib import Path

# The generator is a script beside its YAML, not an installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))
