"""dlib's 68 landmarks, the landmarker `dlib`, and its embedding of faces, the feature extractor `dlib-identity`."""

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register(
        "landmarker",
        "dlib",
        "efgan_kit_dlib.landmarker:DlibLandmarker",
        "Faces from the front, with dlib's 68 landmarks; the model is not for commercial use",
    )
    register(
        "extractor",
        "dlib-identity",
        "efgan_kit_dlib.identity:DlibIdentity",
        "dlib's 128 features of a face: a referee of identity that nothing is trained against",
    )
