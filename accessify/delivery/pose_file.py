"""`.pose` files, the exchange format of sign-language tools, as `read_pose`, `write_pose`, `open_pose`.

The layout is told where it is read and written: `pose_header`, `pose_reader`, `pose_writer`.
"""

from accessify.delivery.pose_reader import read_pose
from accessify.delivery.pose_writer import PoseWriter, open_pose, write_pose

__all__ = ["PoseWriter", "open_pose", "read_pose", "write_pose"]
