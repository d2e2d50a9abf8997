"""The synthetic demo district: a Gwangsan-gu that never was, the same for the same seed."""

from commerce.demo.write import SEED, SNAPSHOT_ON, write_demo

__all__ = ["SEED", "SNAPSHOT_ON", "write_demo"]
