"""Regions lie where the landmarks say; a crop is a copy, and its paste puts it back."""

import pytest
import torch

from efgan_kit.errors import EfganError
from efgan_kit.faces.aus import au_set
from efgan_kit.faces.landmarks import GROUPS
from efgan_kit.faces.regions import FaceSpec, Region, crop, edge_mask, paste, region_corners

MOUTH = Region("mouth", 4, 6)
SIZE = 16


def mouth_at(*centres):
    """Landmarks whose mouth is a box of 2x2 pixels around each centre (x, y)."""
    points = torch.zeros(len(centres), 68, 2)
    for face, centre in zip(points, centres, strict=True):
        face[list(GROUPS["outer_lips"])] = torch.tensor(centre)
        face[48] += torch.tensor([-1.0, -1.0])
        face[54] += torch.tensor([1.0, 1.0])
    return points


def pictures(batch=2, channels=3):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(batch, channels, SIZE, SIZE, generator=generator, dtype=torch.float64)


def test_a_box_is_centred_on_its_landmarks():
    # 4 high around y = 9.5: rows 8..11; 6 wide around x = 6.5: columns 4..9.
    assert region_corners(mouth_at((6.5, 9.5)), MOUTH, SIZE).tolist() == [[8, 4]]


def test_a_box_follows_landmarks_to_the_nearest_pixel():
    corners = region_corners(mouth_at((6.9, 9.1), (7.1, 9.9)), MOUTH, SIZE)
    assert corners.tolist() == [[8, 4], [8, 5]]


@pytest.mark.parametrize(
    ("centre", "corner"),
    [((-50.0, 9.5), [8, 0]), ((99.0, 99.0), [12, 10]), ((0.0, 0.0), [0, 0]), ((15.0, -3.0), [0, 10])],
)
def test_a_box_stays_inside_the_picture(centre, corner):
    assert region_corners(mouth_at(centre), MOUTH, SIZE).tolist() == [corner]


def test_a_region_as_large_as_the_face_is_the_face():
    whole = Region("mouth", SIZE, SIZE)
    corners = region_corners(mouth_at((3.0, 12.0)), whole, SIZE)
    assert torch.equal(crop(pictures(1), corners, whole), pictures(1))


def test_a_crop_is_a_slice_of_each_picture():
    images, corners = pictures(), torch.tensor([[8, 4], [0, 10]])
    cut = crop(images, corners, MOUTH)
    assert torch.equal(cut[0], images[0, :, 8:12, 4:10])
    assert torch.equal(cut[1], images[1, :, 0:4, 10:16])


@pytest.mark.parametrize("soft_edge", [0, 1, 2])
def test_an_untouched_crop_pastes_to_the_same_picture(soft_edge):
    images, corners = pictures(), torch.tensor([[8, 4], [0, 10]])
    same = paste(images, crop(images, corners, MOUTH), corners, MOUTH, soft_edge)
    assert torch.allclose(same, images, atol=0 if not soft_edge else 1e-12)


def test_a_paste_changes_its_box_alone_and_not_its_canvas():
    images, corners = pictures(), torch.tensor([[8, 4], [0, 10]])
    before = images.clone()
    laid = paste(images, torch.ones(2, 3, 4, 6, dtype=torch.float64), corners, MOUTH)
    assert torch.equal(images, before)
    assert torch.equal(crop(laid, corners, MOUTH), torch.ones(2, 3, 4, 6, dtype=torch.float64))
    outside = torch.ones(2, SIZE, SIZE, dtype=torch.bool)
    outside[0, 8:12, 4:10] = False
    outside[1, 0:4, 10:16] = False
    assert torch.equal(laid.movedim(1, -1)[outside], images.movedim(1, -1)[outside])


def test_a_soft_edge_fades_in_from_the_border():
    mask = edge_mask(Region("mouth", 7, 9), 2)
    assert torch.allclose(mask[3], torch.tensor([1, 2, 3, 3, 3, 3, 3, 2, 1]) / 3)
    assert torch.allclose(mask[:, 4], torch.tensor([1, 2, 3, 3, 3, 2, 1]) / 3)
    assert mask[0, 0] == pytest.approx(1 / 9)
    assert torch.equal(edge_mask(MOUTH, 0), torch.ones(4, 6))


def test_a_soft_paste_mixes_by_the_mask():
    canvas, corners = torch.zeros(1, 1, SIZE, SIZE), torch.tensor([[8, 4]])
    laid = paste(canvas, torch.ones(1, 1, 4, 6), corners, MOUTH, soft_edge=1)
    assert torch.allclose(laid[0, 0, 8:12, 4:10], edge_mask(MOUTH, 1))
    assert float(laid.sum()) == pytest.approx(float(edge_mask(MOUTH, 1).sum()))


@pytest.mark.parametrize("soft_edge", [0, 1])
def test_gradients_pass_through_crop_and_paste(soft_edge):
    corners = torch.tensor([[8, 4], [0, 10]])
    canvas = pictures(2, 1).requires_grad_()
    crops = torch.rand(2, 1, 4, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda c: crop(c, corners, MOUTH), canvas, fast_mode=True)
    assert torch.autograd.gradcheck(
        lambda c, p: paste(c, p, corners, MOUTH, soft_edge), (canvas, crops), fast_mode=True
    )


def test_a_hard_paste_hides_what_lies_under_it_from_gradients():
    canvas, corners = pictures(1, 1).requires_grad_(), torch.tensor([[8, 4]])
    paste(canvas, torch.zeros(1, 1, 4, 6, dtype=torch.float64), corners, MOUTH).sum().backward()
    expected = torch.ones(SIZE, SIZE, dtype=torch.float64)
    expected[8:12, 4:10] = 0
    assert torch.equal(canvas.grad[0, 0], expected)


def test_regions_that_do_not_fit_are_refused_together():
    regions = {name: Region(name, 24, width) for name, width in (("eyes", 40), ("nose", 8), ("mouth", 33))}
    with pytest.raises(EfganError) as caught:
        FaceSpec(32, au_set("openface-17"), regions)
    assert [fault.where for fault in caught.value.faults] == ["faces.regions.eyes", "faces.regions.mouth"]
    assert "24x40 pixels do not fit into a face of 32x32" in str(caught.value)
