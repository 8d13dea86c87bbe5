"""The seer's parts, and the painter of the pictures that they understand."""

import os
import time
from pathlib import Path

import numpy as np
from scipy import ndimage

from efgan_kit.api import FoundFace, au_set, fail

RIGHT, LEFT, NOSE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
"""Of the outer eye corners and the nose's base."""
UNITS = tuple(unit for unit in au_set("openface-17").names if unit != "AU06")


def canonical():
    """68 points of an upright face, the middle of the eyes at 0, their outer corners 1 apart."""
    around = np.linspace(np.pi, 0, 17)
    points = np.zeros((68, 2))
    points[:17] = np.stack([0.8 * np.cos(around), 0.2 + 1.1 * np.sin(around)], axis=1)
    points[17:27] = np.stack([np.linspace(-0.6, 0.6, 10), np.full(10, -0.25)], axis=1)
    points[27:31] = np.stack([np.zeros(4), np.linspace(0.1, 0.42, 4)], axis=1)
    points[31:36] = np.stack([np.linspace(-0.2, 0.2, 5), np.full(5, 0.55)], axis=1)
    for first, middle in ((36, -0.35), (42, 0.35)):
        turn = np.linspace(np.pi, -np.pi, 7)[:6]
        points[first : first + 6] = np.stack([middle + 0.15 * np.cos(turn), -0.06 * np.sin(turn)], axis=1)
    for first, count, wide in ((48, 12, 0.38), (60, 8, 0.3)):
        turn = np.linspace(np.pi, -np.pi, count + 1)[:count]
        points[first : first + count] = np.stack([wide * np.cos(turn), 0.85 - 0.12 * np.sin(turn)], axis=1)
    return points


def placed(middle, eyes, degrees=0.0):
    """Landmarks `(68, 2)` of a face with the middle of its eyes there, their corners so many pixels apart."""
    turn = np.radians(degrees)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (eyes * canonical() @ rotation + np.array(middle)).astype(np.float32)


def paint(pixels, landmarks, smile=0.5):
    """Paint a face with its spots into a picture `(H, W, 3)`, uint8."""
    eyes = float(np.linalg.norm(landmarks[45] - landmarks[36]))
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    cx, cy = landmarks.mean(axis=0)
    pixels[np.hypot(x - cx, y - cy) < 1.1 * eyes] = (205, 170, 150)
    for index in range(68):
        px, py = landmarks[index]
        pixels[np.hypot(x - px, y - py) < 0.03 * eyes] = (90, 60, 60)
    nose = (0, 0, 155 + round(100 * smile))
    for index, colour in ((36, RIGHT), (45, LEFT), (33, nose)):
        px, py = landmarks[index]
        pixels[np.hypot(x - px, y - py) < max(1.5, 0.06 * eyes)] = colour


class Seer:
    """Finds faces by the red, green and blue spots at eye corners and nose.

    Args:
        stumble: A file; while a picture's path holds the word in it, the process dies.
        wait: Seconds for each picture.
    """

    def __init__(self, *, stumble: str = "", wait: float = 0.0):
        self.stumble, self.wait = stumble, wait

    def __call__(self, picture):
        time.sleep(self.wait)
        if self.stumble and self.stumble in str(picture.path):
            os._exit(9)
        if "bug" in Path(picture.path or "").name:
            raise ZeroDivisionError("the seer divides by zero")
        faces = []
        rgb = picture.pixels.astype(int)
        red = (rgb[..., 0] > 220) & (rgb[..., 1:].max(axis=2) < 50)
        green = (rgb[..., 1] > 220) & (rgb[..., [0, 2]].max(axis=2) < 50)
        blue = (rgb[..., 2] > 140) & (rgb[..., :2].max(axis=2) < 50)
        spots = []
        for mask in (red, green, blue):
            marked, count = ndimage.label(mask)
            found = ndimage.center_of_mass(mask, marked, range(1, count + 1))
            spots.append([np.array(place[::-1]) for place in found])
        for right in spots[0]:
            if not spots[1] or not spots[2]:
                break
            left = min(spots[1], key=lambda spot: np.linalg.norm(spot - right))
            nose = min(spots[2], key=lambda spot: np.linalg.norm(spot - (right + left) / 2))
            along = left - right
            landmarks = placed((right + left) / 2, np.hypot(*along), np.degrees(np.arctan2(along[1], along[0])))
            shade = (float(rgb[round(nose[1]), round(nose[0]), 2]) - 155) / 100
            faces.append(FoundFace(landmarks, 0.9, None, {"shade": min(max(shade, 0.0), 1.0)}))
        return sorted(faces, key=lambda face: -face.area)


class SeerAUs:
    """AU12 is the blue of the nose, the others are 0.3."""

    def __init__(self):
        self.units = UNITS
        self.blind = {"AU06": "a seer sees no cheeks"}

    def __call__(self, picture, face):
        if "shade" not in face.signals:
            raise fail("seer", "only faces that the seer found can be measured")
        return dict.fromkeys(UNITS, 0.3) | {"AU12": face.signals["shade"]}
