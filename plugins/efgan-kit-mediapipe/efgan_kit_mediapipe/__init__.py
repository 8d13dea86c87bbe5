"""Faces found and measured by MediaPipe: the landmarker `mediapipe` and the AU labeller `mediapipe`."""

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register(
        "landmarker",
        "mediapipe",
        "efgan_kit_mediapipe.landmarker:MediaPipeLandmarker",
        "Faces large and small, with pose and blendshapes, by MediaPipe's face landmarker",
    )
    register(
        "au-labeller",
        "mediapipe",
        "efgan_kit_mediapipe.labeller:MediaPipeLabeller",
        "AUs from MediaPipe's blendshapes and mesh",
    )
