"""The points of a signer, drawn over the pictures of a camera while it runs.

python demos/camera_landmarks.py 0  # the first camera; q closes the window; needs accessify[signs]
python demos/camera_landmarks.py signer.mp4 seen.mp4  # a film, and without a screen
"""

import sys

import cv2

import accessify
from accessify.core.holistic import HOLISTIC
from accessify.render.skeleton2d import draw_pose

source, target = [*sys.argv[1:], ""][:2]
frames, writer = [], None
for pose in accessify.watch_landmarks(source, on_frame=frames.append):
    picture = draw_pose(frames.pop().image, pose, HOLISTIC, scale=2)[..., ::-1]  # OpenCV has blue first
    index_tip = HOLISTIC.place("RIGHT_HAND_LANDMARKS").start + 8
    if pose.confidence[index_tip] > 0.5:  # a point that was not seen has confidence 0
        x, y, _ = pose.points[index_tip]
        print(f"right index finger at {x:.0f}, {y:.0f}")
    if target and writer is None:
        rate = cv2.VideoCapture(source).get(cv2.CAP_PROP_FPS) or 25
        writer = cv2.VideoWriter(target, 0x7634706D, rate, picture.shape[1::-1])  # mp4v
    if writer:
        writer.write(picture)
    else:
        cv2.imshow("landmarks", picture)
        if cv2.pollKey() == ord("q"):
            break
if writer:
    writer.release()
