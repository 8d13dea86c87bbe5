"""How a photo folder is read: files, labels, pictures, framing, split. One idea a module; `folder` joins
them."""
