"""The 68 landmarks as vertices of the model.

ICT-FaceKit lists 68 vertices in the order of the 300-W markup (MIT, `FaceXModel/vertex_indices.json`). Its
points 5 to 11, on the chin, lie inside the outline that annotators follow; here they are the first vertices further out
on the same ray from the nose where the neutral surface has turned away from the front (z of the normal below 0.22).
"""

from __future__ import annotations

from typing import Final

VERTICES: Final = (
    1225, 1888, 1052, 367, 1719, 782, 1675, 2195, 2191, 4386, 3882, 3023, 3924, 2608, 3272, 4088, 3443,
    268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509,
    978, 4527, 4942, 4857, 1140, 2075, 1147, 4269, 3360,
    1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732,
    5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841,
    5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip
