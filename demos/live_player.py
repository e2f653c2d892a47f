"""Live captions over a film in a window, without its sound: words while they are spoken; none changes later.

python demos/live_player.py film.mp4  # q closes the window; needs accessify[signs] for OpenCV
python demos/live_player.py film.mp4 captioned.mp4  # without a screen
"""

import sys
import textwrap
import time
from threading import Thread

import cv2

import accessify
from accessify.core.timeline import to_seconds

path, target = [*sys.argv[1:], ""][:2]
updates, words = accessify.live(path, paced=True), []
clock = to_seconds(next(updates).clock)  # the networks are loaded, and so much of the film was heard


def listen():
    for update in updates:  # update.tail has the words that may still change
        words.extend(word.text for word in update.committed)


Thread(target=listen, daemon=True).start()
film, began = cv2.VideoCapture(path), time.monotonic() - clock
width, height, rate = (film.get(key) for key in (3, 4, 5))
writer = cv2.VideoWriter(target, 0x7634706D, rate, (int(width), int(height))) if target else None  # mp4v
while (read := film.read())[0] and cv2.pollKey() != ord("q"):
    time.sleep(max(0, began + film.get(cv2.CAP_PROP_POS_MSEC) / 1000 - time.monotonic()))
    read[1][int(height * 0.76) :] //= 4  # dark behind the letters
    for row, line in enumerate(textwrap.wrap(" ".join(words), 40)[-2:]):
        place = (int(width / 16), int(height * (0.85 + row / 10)))
        cv2.putText(read[1], line, place, 0, height / 480, (255, 255, 255), 2, cv2.LINE_AA)
    writer.write(read[1]) if writer else cv2.imshow("film", read[1])
if writer:
    writer.release()
