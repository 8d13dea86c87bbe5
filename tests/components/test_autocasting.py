import pytest
import torch

from efgan_kit.components.autocasting import computing_dtype, own_format


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_it_is_the_format_that_a_convolution_computes_in(dtype):
    image, kernel = torch.ones(1, 1, 3, 3, dtype=dtype), torch.ones(1, 1, 1, 1, dtype=dtype)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert computing_dtype(image) == torch.nn.functional.conv2d(image, kernel).dtype
        with own_format(image):
            assert computing_dtype(image) == dtype
    assert computing_dtype(image) == dtype
