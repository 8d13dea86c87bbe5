def efgan_components(register:
    pass
