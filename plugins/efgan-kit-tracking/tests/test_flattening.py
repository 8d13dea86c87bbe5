from efgan_kit_tracking.flattening import figures, parameters


def test_a_recipe_becomes_the_keys_that_overrides_write():
    recipe = {
        "name": "some",
        "losses": {
            "content": {"use": "cycle-l1", "weight": 0.5, "per": {}},
            "adversarial": {"weight": {"generator": 2}},
        },
        "optimizer": {"betas": [0.5, 0.9]},
        "train": {"ema": None, "mirror": True, "steps": 8},
        "metrics": [{"use": "au-error"}],
    }
    assert parameters(recipe) == {
        "name": "some",
        "losses.content.use": "cycle-l1",
        "losses.content.weight": 0.5,
        "losses.content.per": "{}",
        "losses.adversarial.weight.generator": 2,
        "optimizer.betas": "[0.5, 0.9]",
        "train.ema": "null",
        "train.mirror": True,
        "train.steps": 8,
        "metrics": '[{"use": "au-error"}]',
    }


def test_a_line_of_the_log_becomes_numbers_with_names_that_every_tracker_takes():
    record = {
        "step": 50,
        "seconds": 7.5,
        "losses": {"content.generator": 0.25, "content.generator@2": 0.125},
        "rates": {"generator": 1e-4},
        "attention": {"face": 0.5},
    }
    assert figures(record) == {
        "seconds": 7.5,
        "losses/content.generator": 0.25,
        "losses/content.generator.module-2": 0.125,
        "rates/generator": 1e-4,
        "attention/face": 0.5,
    }


def test_what_is_no_number_is_no_figure():
    assert figures({"summary": {"steps": 8, "name": "x", "done": True, "psnr": 30.5}}) == {
        "summary/steps": 8.0,
        "summary/psnr": 30.5,
    }
